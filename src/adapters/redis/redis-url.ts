/** Whether the text is an address that `openRedis` takes. */
export function isRedisUrl(text: string): boolean {
  return /^rediss?(\+sentinel)?:\/\/./.test(text)
}
