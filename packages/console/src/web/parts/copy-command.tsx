import { useState } from 'preact/hooks'

const shownMs = 2_000

export function CopyCommand({ command }: { readonly command: string }) {
  const [copied, setCopied] = useState(false)
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(command)
    setCopied(true)
    setTimeout(() => setCopied(false), shownMs)
  }
  return (
    <div class="command">
      <code>{command}</code>
      {navigator.clipboard === undefined ? null : (
        <button type="button" onClick={copy} aria-label="Copy the publish command">
          {copied ? 'Copied' : 'Copy'}
        </button>
      )}
    </div>
  )
}
