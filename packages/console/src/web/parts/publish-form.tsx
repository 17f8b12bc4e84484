import type { PublishReceipt } from '@hawser/admin'
import { useState } from 'preact/hooks'
import { postJson } from '../state/rest.ts'
import { token, tokenDialogOpen } from '../state/token.ts'

export function PublishForm() {
  const [result, setResult] = useState('')
  const publish = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    if (token.value === '') {
      tokenDialogOpen.value = true
      return
    }
    const form = new FormData(event.currentTarget as HTMLFormElement)
    const body = {
      topic: form.get('topic'),
      payload: form.get('payload'),
      qos: Number(form.get('qos')),
      retain: form.get('retain') === 'on',
    }
    try {
      const { recorded } = await postJson<PublishReceipt>('/api/v1/publish', body)
      setResult(recorded ? 'Recorded in the log' : 'Sent')
    } catch (error) {
      setResult(error instanceof Error ? error.message : String(error))
    }
  }
  return (
    <form class="publish" onSubmit={publish}>
      <label>
        Topic
        <input name="topic" required placeholder="demo/hello" />
      </label>
      <label>
        Message
        <input name="payload" placeholder="hello" />
      </label>
      <label>
        QoS
        <select name="qos">
          <option>0</option>
          <option selected>1</option>
          <option>2</option>
        </select>
      </label>
      <label class="check">
        <input type="checkbox" name="retain" />
        Retain
      </label>
      <button type="submit" class="primary">
        Publish
      </button>
      <span role="status">{result}</span>
    </form>
  )
}
