import { type BusLane, type BusMessage, readChannels } from './bus-lane.ts'

/** A member on the bus, and the channels that it listens to. */
export interface Seat {
  readonly lane: BusLane
  readonly channels: Set<string>
}

/** How many channels a member may listen to at once. */
const maxChannelsOfMember = 250_000

/** Which members listen to which channels. */
export class BusSeats {
  readonly #seats = new Set<Seat>()
  readonly #channels = new Map<string, Set<Seat>>()

  take(lane: BusLane): Seat {
    const seat: Seat = { lane, channels: new Set() }
    this.#seats.add(seat)
    return seat
  }

  leave(seat: Seat): void {
    this.#seats.delete(seat)
    for (const channel of seat.channels) this.#drop(seat, channel)
  }

  /** Throws a sentence for what is no list of channels, or too many. */
  subscribe(seat: Seat, body: unknown): void {
    const wanted = readChannels(body)
    if (wanted === null) throw new Error('A subscription to the bus takes a list of channels.')
    if (seat.channels.size + wanted.length > maxChannelsOfMember) {
      throw new Error(`A member may listen to at most ${maxChannelsOfMember} channels.`)
    }
    for (const channel of wanted) {
      seat.channels.add(channel)
      this.#channels.set(channel, (this.#channels.get(channel) ?? new Set()).add(seat))
    }
  }

  unsubscribe(seat: Seat, body: unknown): void {
    for (const channel of readChannels(body) ?? []) this.#drop(seat, channel)
  }

  /** Sends a message to whoever listens, but for who sent it. */
  forward([channel, text]: BusMessage, from: Seat | null): void {
    for (const seat of this.#channels.get(channel) ?? []) if (seat !== from) seat.lane.push(channel, text)
  }

  /** What somebody said did not arrive, and nobody knows on which channels: all others are told. */
  lose(from: Seat): void {
    for (const seat of this.#seats) if (seat !== from) seat.lane.lose()
  }

  #drop(seat: Seat, channel: string): void {
    seat.channels.delete(channel)
    const others = this.#channels.get(channel)
    others?.delete(seat)
    if (others?.size === 0) this.#channels.delete(channel)
  }
}
