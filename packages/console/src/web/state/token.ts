/** The token that changes need. It is kept for this tab alone and comes from the user, never from the server. */
import { signal } from '@preact/signals'

const storageKey = 'hawser-token'

export const token = signal(sessionStorage.getItem(storageKey) ?? '')
/** Whether the dialog that asks for it is open. */
export const tokenDialogOpen = signal(false)

export function setToken(value: string): void {
  token.value = value.trim()
  sessionStorage.setItem(storageKey, token.value)
}

/** `#token=…`: taken out of the address at once, so that it does not stay in the browser's history. */
export function takeTokenFromAddress(): void {
  const match = /^#token=([^&]+)/.exec(location.hash)
  if (match === null) return
  setToken(decodeURIComponent(match[1] ?? ''))
  history.replaceState(null, '', '#/overview')
}
