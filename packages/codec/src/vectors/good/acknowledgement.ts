import type { GoodVector } from './good-vector.ts'

export const acknowledgementVectors: readonly GoodVector[] = [
  ...(['40 02', '50 02', '62 02', '70 02'] as const).flatMap((head, index) =>
    ([3, 4, 5] as const).map((version): GoodVector => {
      const type = (['puback', 'pubrec', 'pubrel', 'pubcomp'] as const)[index] ?? 'puback'
      return {
        name: `${type.toUpperCase()} of level ${version}`,
        version,
        sender: 'client',
        wire: `${head} 1234`,
        packet: { type, packetId: 0x1234, reasonCode: 0, properties: {} },
      }
    }),
  ),
  {
    name: 'PUBREL of 3.1, marked as sent again',
    version: 3,
    sender: 'client',
    wire: '6a 02 0001',
    packet: { type: 'pubrel', packetId: 1, reasonCode: 0, properties: {} },
    decodeOnly: true,
  },
  {
    name: 'PUBACK of 5.0 with a reason code',
    version: 5,
    sender: 'server',
    wire: '40 03 0001 10',
    packet: { type: 'puback', packetId: 1, reasonCode: 0x10, properties: {} },
  },
  {
    name: 'PUBREC of 5.0 with an empty property length',
    version: 5,
    sender: 'server',
    wire: '50 04 0001 97 00',
    packet: { type: 'pubrec', packetId: 1, reasonCode: 0x97, properties: {} },
    decodeOnly: true,
  },
  {
    name: 'PUBREL of 5.0 with properties',
    version: 5,
    sender: 'client',
    wire: '62 __ 0001 92 {1f "who" 26 "k" "v"}',
    packet: {
      type: 'pubrel',
      packetId: 1,
      reasonCode: 0x92,
      properties: { reasonString: 'who', userProperties: [['k', 'v']] },
    },
  },
  {
    name: 'PUBCOMP of 5.0, success with properties',
    version: 5,
    sender: 'client',
    wire: '70 __ 0001 00 {26 "k" "v"}',
    packet: { type: 'pubcomp', packetId: 1, reasonCode: 0, properties: { userProperties: [['k', 'v']] } },
  },
]
