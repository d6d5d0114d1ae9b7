# docs/deploy.md says how it is run. The image holds the program alone; what it keeps is in the volume.
FROM node:26-trixie-slim
WORKDIR /millrace
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev && npm cache clean --force
COPY bin bin
COPY client client
COPY src src
RUN install --directory --owner=node --group=node /data
USER node
ENV NODE_ENV=production HOST=0.0.0.0 DATA_DIR=/data
VOLUME /data
EXPOSE 4000
HEALTHCHECK --start-period=30s CMD ["node", "--eval", "fetch(`http://127.0.0.1:${process.env.PORT ?? 4000}/livez`).then((answer) => process.exit(answer.ok ? 0 : 1))"]
CMD ["node", "bin/millrace.mjs", "start"]
