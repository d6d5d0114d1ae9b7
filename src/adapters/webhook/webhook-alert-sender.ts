import { request as requestHttp, type RequestOptions } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { AlertSender } from '../../ports/alert-sender.ts'

export interface WebhookOptions {
  /** A URL of http or https, which may name a user and a password. */
  readonly url: string
  /** When to give up, in ms. */
  readonly timeoutMs?: number
}

/**
 * Sends alerts by POST, over a connection for each. Any 2xx will do; no redirect is followed, and nothing of the answer is read
 * but its status.
 */
export function webhookAlertSender({ url, timeoutMs = 5_000 }: WebhookOptions): AlertSender {
  const target = new URL(url)
  return {
    async send(message, signal) {
      const deadline = AbortSignal.timeout(timeoutMs)
      try {
        const status = await post(target, JSON.stringify(message), AbortSignal.any([signal, deadline]))
        if (status >= 200 && status < 300) return
        throw new Error(`It answered with the status ${status}.`)
      } catch (error) {
        const reason = deadline.aborted ? `No answer within ${timeoutMs} ms.` : describe(error)
        throw new Error(`${target.host}: ${reason}`, { cause: error })
      }
    },
  }
}

/** Resolves with the status of the answer. */
function post(target: URL, body: string, signal: AbortSignal): Promise<number> {
  const request = target.protocol === 'https:' ? requestHttps : requestHttp
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'user-agent': 'millrace',
    connection: 'close',
  }
  const options: RequestOptions = { method: 'POST', agent: false, signal, headers }
  return new Promise((resolve, reject) => {
    const sent = request(target, options, (response) => {
      resolve(response.statusCode ?? 0)
      response.destroy()
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** Errors of the network name hosts and addresses, none of them the path, in which the secret is. */
function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
