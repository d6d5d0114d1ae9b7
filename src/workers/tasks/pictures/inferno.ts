/**
 * Ten colours of the map "inferno" of Stéfan van der Walt and Nathaniel Smith (CC0): equal steps look equally large, brighter is
 * always more, and it also reads in grey and with any kind of colour blindness.
 */
export const inferno = [
  '000004',
  '1b0c41',
  '4a0c6b',
  '781c6d',
  'a52c60',
  'cf4446',
  'ed6925',
  'fb9b06',
  'f7d13d',
  'fcffa4',
] as const
