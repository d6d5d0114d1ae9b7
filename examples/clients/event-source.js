/*
 * Watches a job with the browser's own EventSource and no library. It comes back by itself after a lost connection, with the
 * last `id` that it was told in the header `Last-Event-ID`, and the server goes on from there.
 *
 * An EventSource sends no headers of its own, so that the session cookie says who asks: sign in at http://localhost:4000 in the
 * same browser, serve this folder, and let its origin call the server:
 *
 *   python3 -m http.server 8080 --directory examples/clients
 *   CORS_ORIGINS=http://localhost:8080 npm start
 *
 * Then open http://localhost:8080/event-source.html?job=job_…
 */
const page = new URLSearchParams(location.search)
const server = page.get('server') ?? 'http://localhost:4000'
const state = document.querySelector('#status')

const query = 'subscription ($id: ID!) { job(id: $id) { __typename job { id state } } }'
const operation = new URLSearchParams({ query, variables: JSON.stringify({ id: page.get('job') }) })

const source = new EventSource(`${server}/graphql?${operation}`, { withCredentials: true })
source.addEventListener('next', ({ data, lastEventId }) => {
  const { data: answer, errors } = JSON.parse(data)
  // An answer without an id ends the stream, for instance because its session is over.
  state.textContent = errors?.[0].message ?? answer.job.job.state
  if (errors === undefined) show(lastEventId, answer.job.__typename)
})
source.addEventListener('complete', () => {
  source.close()
  state.textContent += ', complete'
})
source.addEventListener('error', () => {
  // It tries again unless the server has refused: then it is closed.
  if (source.readyState === EventSource.CLOSED) state.textContent = 'refused'
})

function show(cursor, type) {
  const line = document.createElement('li')
  line.dataset.cursor = cursor
  line.textContent = type
  document.querySelector('#events').append(line)
}
