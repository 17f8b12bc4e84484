/**
 * What an embedding program may say about each publish and subscription. Hooks answer at once: who must ask somebody
 * else implements `AccessControl`, which may take its time. Without a hook none of this is looked at.
 */
import type { Subscription } from '@hawser/codec'
import type { ClientReference } from './events.ts'

export interface PublishAttempt {
  readonly topic: string
  /** Valid during the call; copy it to keep it. */
  readonly payload: Uint8Array
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
}

export type PublishVerdict =
  | { readonly kind: 'accept' }
  /** Acknowledged, and delivered to nobody. */
  | { readonly kind: 'drop' }
  /** 0x80 or above; told to clients of 5.0 at QoS 1 and 2. */
  | { readonly kind: 'refuse'; readonly reasonCode: number }

export type SubscribeVerdict =
  | { readonly kind: 'accept'; readonly qosMax?: 0 | 1 | 2 }
  | { readonly kind: 'refuse'; readonly reasonCode: number }

export interface Hooks {
  readonly publish?: (attempt: PublishAttempt, client: ClientReference) => PublishVerdict
  readonly subscribe?: (subscription: Subscription, client: ClientReference) => SubscribeVerdict
}
