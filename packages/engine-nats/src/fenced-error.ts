/** What a node is told whose lane and state are another's by now. */
import { HawserError } from '@hawser/std'

export const fencedError = (): HawserError =>
  new HawserError('NODE_FENCED', 'other nodes have taken over what this one had: it was silent for too long', {
    mend: 'start it again: its clients go on elsewhere',
  })
