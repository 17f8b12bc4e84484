import { useEffect, useRef } from 'preact/hooks'
import { setToken, token, tokenDialogOpen } from '../state/token.ts'

export function TokenDialog() {
  const dialog = useRef<HTMLDialogElement>(null)
  const input = useRef<HTMLInputElement>(null)
  const open = tokenDialogOpen.value
  useEffect(() => {
    if (open && dialog.current?.open === false) dialog.current.showModal()
    if (!open && dialog.current?.open === true) dialog.current.close()
  }, [open])
  const close = (): void => {
    tokenDialogOpen.value = false
  }
  const submit = (event: Event): void => {
    event.preventDefault()
    setToken(input.current?.value ?? '')
    close()
  }
  return (
    <dialog ref={dialog} onClose={close} aria-labelledby="token-title">
      <form onSubmit={submit}>
        <h2 id="token-title">Token</h2>
        <p>
          Changing anything needs the token that the start wrote to the data folder. It stays in this tab until you
          close it.
        </p>
        <label>
          Token
          <input ref={input} type="password" autocomplete="off" spellcheck={false} defaultValue={token.value} />
        </label>
        <div class="buttons">
          <button type="button" onClick={close}>
            Cancel
          </button>
          <button type="submit" class="primary">
            Use it
          </button>
        </div>
      </form>
    </dialog>
  )
}
