/**
 * Runs works of the same key one after another, also those of other processes that work on the same data folder; other keys do
 * not wait. A process that dies leaves its turns to the others. Rejects with `OVERLOADED` where no turn can be had in time.
 */
export type Turns = <T>(key: string, work: () => Promise<T>) => Promise<T>
