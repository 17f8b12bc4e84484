import type { GoodVector } from './good-vector.ts'

export const connectionVectors: readonly GoodVector[] = [
  { name: 'PINGREQ', version: 4, sender: 'client', wire: 'c0 00', packet: { type: 'pingreq' } },
  { name: 'PINGRESP', version: 5, sender: 'server', wire: 'd0 00', packet: { type: 'pingresp' } },
  {
    name: 'DISCONNECT of 3.1.1',
    version: 4,
    sender: 'client',
    wire: 'e0 00',
    packet: { type: 'disconnect', reasonCode: 0, properties: {} },
  },
  {
    name: 'DISCONNECT of 5.0, empty',
    version: 5,
    sender: 'client',
    wire: 'e0 00',
    packet: { type: 'disconnect', reasonCode: 0, properties: {} },
  },
  {
    name: 'DISCONNECT of 5.0 with a reason code alone',
    version: 5,
    sender: 'client',
    wire: 'e0 01 04',
    packet: { type: 'disconnect', reasonCode: 4, properties: {} },
  },
  {
    name: 'DISCONNECT of 5.0 from a client with properties',
    version: 5,
    sender: 'client',
    wire: 'e0 __ 00 {11 00000005 1f "bye" 26 "k" "v"}',
    packet: {
      type: 'disconnect',
      reasonCode: 0,
      properties: { sessionExpiryInterval: 5, reasonString: 'bye', userProperties: [['k', 'v']] },
    },
  },
  {
    name: 'DISCONNECT of 5.0 from a server with properties',
    version: 5,
    sender: 'server',
    wire: 'e0 __ 9d {1c "there" 1f "moved"}',
    packet: { type: 'disconnect', reasonCode: 0x9d, properties: { serverReference: 'there', reasonString: 'moved' } },
  },
  {
    name: 'AUTH from a client',
    version: 5,
    sender: 'client',
    wire: 'f0 __ 19 {15 "SCRAM" 16 0001 07 1f "again" 26 "k" "v"}',
    packet: {
      type: 'auth',
      reasonCode: 0x19,
      properties: {
        authenticationMethod: 'SCRAM',
        authenticationData: Buffer.of(7),
        reasonString: 'again',
        userProperties: [['k', 'v']],
      },
    },
  },
  {
    name: 'AUTH from a server, empty',
    version: 5,
    sender: 'server',
    wire: 'f0 00',
    packet: { type: 'auth', reasonCode: 0, properties: {} },
  },
  {
    name: 'AUTH from a server',
    version: 5,
    sender: 'server',
    wire: 'f0 __ 00 {15 "SCRAM"}',
    packet: { type: 'auth', reasonCode: 0, properties: { authenticationMethod: 'SCRAM' } },
  },
]
