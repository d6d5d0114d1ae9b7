/** Has this process, which `openAskedProcess` started, answer its orders. It ends with the one that started it. */
export function answerOrders(answer: (order: never) => Promise<unknown>): void {
  process.on('message', (order) => {
    // What `ask` was given.
    answer(order as never).then(
      (value) => process.send?.({ value: value ?? null }),
      (error: unknown) => process.send?.({ error: String(error) }),
    )
  })
  process.on('disconnect', () => process.exit())
  // An interrupt of the terminal comes here, too: who started it ends it.
  process.on('SIGINT', () => undefined)
}
