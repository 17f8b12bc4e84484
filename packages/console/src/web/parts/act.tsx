/** A button that changes something: it asks for the token where there is none and says what came of it. */
import { useState } from 'preact/hooks'
import { postJson } from '../state/rest.ts'
import { token, tokenDialogOpen } from '../state/token.ts'

export interface ActProps {
  readonly label: string
  readonly name: string
  readonly path: string
  readonly body?: unknown
}

export function Act({ label, name, path, body }: ActProps) {
  const [result, setResult] = useState('')
  const act = async (): Promise<void> => {
    if (token.value === '') {
      tokenDialogOpen.value = true
      return
    }
    setResult('…')
    try {
      await postJson(path, body)
      setResult('done')
    } catch (error) {
      setResult(error instanceof Error ? error.message : String(error))
    }
  }
  return (
    <span class="act">
      <button type="button" class="small" aria-label={name} onClick={act}>
        {label}
      </button>
      <span role="status">{result}</span>
    </span>
  )
}
