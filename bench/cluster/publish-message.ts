/** The operation that publishes to the channel that the subscribers of `bench/fanout` listen to. */
export function publishMessage(body: string): object {
  return {
    query:
      'mutation ($body: JSON!) { publishMessage(channel: "public/bench", body: $body) { __typename ... on Error { message } } }',
    variables: { body },
  }
}
