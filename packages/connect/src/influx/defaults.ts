/** What a point is made of and how it is sent, unless said. */
export const numberForms = ['typed', 'float'] as const
/** Of a number whose type nobody has declared: always a float, or as it is written (`20` an integer, `20.0` a float). */
export type NumberForm = (typeof numberForms)[number]

export const influxDefaults = {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a template of ours
  measurement: '${topic}',
  tags: [],
  fields: ['*'],
  numbers: 'float',
  timeFormat: 'iso8601',
  gzip: true,
  requestMessagesMax: 5_000,
  requestBytesMax: 4 << 20,
  inFlightMax: 2,
  requestMsMax: 15_000,
  lingerMs: 100,
} as const
