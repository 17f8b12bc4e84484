/** Which topics the flags take. The broker says the rest. */

const topicBytesMax = 65_535

export const isTopicName = (topic: string): boolean => !/[+#]/.test(topic) && Buffer.byteLength(topic) <= topicBytesMax

/** `+` is a level alone; `#` is the last level, alone. [MQTT-4.7.1-1] [MQTT-4.7.1-2] */
export const isTopicFilter = (filter: string): boolean =>
  filter !== '' &&
  Buffer.byteLength(filter) <= topicBytesMax &&
  filter
    .split('/')
    .every((level, at, levels) => level === '+' || (level === '#' && at === levels.length - 1) || !/[+#]/.test(level))
