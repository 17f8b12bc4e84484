/** What each packet looks like on the wire, written by hand from the specifications' tables. */
import { acknowledgementVectors } from './good/acknowledgement.ts'
import { connackVectors, connectVectors } from './good/connect.ts'
import { connectionVectors } from './good/connection.ts'
import type { GoodVector } from './good/good-vector.ts'
import { publishVectors } from './good/publish.ts'
import { subscribeVectors } from './good/subscribe.ts'

export type { GoodVector } from './good/good-vector.ts'

export const goodVectors: readonly GoodVector[] = [
  ...connectVectors,
  ...connackVectors,
  ...publishVectors,
  ...acknowledgementVectors,
  ...subscribeVectors,
  ...connectionVectors,
]
