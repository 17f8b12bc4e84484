/** Waits for what dead processes have left. */
import type { Members } from '@hawser/engine'

/** Resolves when no lane waits to be taken over. `signal`: nobody waits any more; then it does not resolve. */
export function adopted(members: Members, signal?: AbortSignal): Promise<void> {
  if (members.orphans().length === 0) return Promise.resolve()
  return new Promise((resolve) => {
    const listening = members.onOrphans(() => {
      if (members.orphans().length > 0) return
      listening[Symbol.dispose]()
      resolve()
    })
    signal?.addEventListener('abort', () => listening[Symbol.dispose](), { once: true })
  })
}
