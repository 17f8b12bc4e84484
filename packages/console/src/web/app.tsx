import { Header } from './parts/header.tsx'
import { TokenDialog } from './parts/token-dialog.tsx'
import { connection, frame, stale, unavailable } from './state/live.ts'
import { route } from './state/route.ts'
import { Clients } from './views/clients.tsx'
import { Machines } from './views/machines.tsx'
import { Overview } from './views/overview.tsx'
import { System } from './views/system.tsx'
import { Topics } from './views/topics.tsx'

export function App() {
  return (
    <>
      <a class="skip" href="#main">
        Skip to content
      </a>
      <Header />
      <Notice />
      <main id="main" tabIndex={-1} class={stale.value ? 'stale' : undefined}>
        <Content />
      </main>
      <TokenDialog />
    </>
  )
}

function Notice() {
  if (frame.value === undefined) return null
  if (connection.value === 'reconnecting') {
    return (
      <p class="notice" role="status">
        <strong>Reconnecting…</strong> The figures below are the last that came.
      </p>
    )
  }
  if (unavailable.value === undefined) return null
  return (
    <p class="notice" role="status">
      <strong>The broker cannot be read.</strong> {unavailable.value}. The figures below are the last that came.
    </p>
  )
}

function Content() {
  const current = frame.value
  if (current === undefined) {
    return (
      <p class="waiting" role="status">
        {unavailable.value ?? 'Waiting for the first figures…'}
      </p>
    )
  }
  const { view, item, query } = route.value
  switch (view) {
    case 'overview':
      return <Overview frame={current} />
    case 'clients':
      return <Clients query={query} nowMs={current.snapshot.atMs} />
    case 'topics':
      return <Topics query={query} nowMs={current.snapshot.atMs} />
    case 'machines':
      return <Machines snapshot={current.snapshot} selected={item} />
    case 'system':
      return <System snapshot={current.snapshot} />
    default:
      throw view satisfies never
  }
}
