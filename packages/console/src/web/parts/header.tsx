import { connection, frame, unavailable } from '../state/live.ts'
import { addressOf, route, type View, views } from '../state/route.ts'
import { theme, toggleTheme } from '../state/theme.ts'
import { token, tokenDialogOpen } from '../state/token.ts'

const titles: Readonly<Record<View, string>> = {
  overview: 'Overview',
  clients: 'Clients',
  topics: 'Topics',
  machines: 'Machines',
  system: 'System',
}

export function Header() {
  return (
    <header class="top">
      <a class="brand" href={addressOf('overview')} aria-label="Hawser, overview">
        <Mark />
        <span>Hawser</span>
      </a>
      <nav aria-label="Views">
        {views.map((view) => (
          <a key={view} href={addressOf(view)} aria-current={route.value.view === view ? 'page' : undefined}>
            {titles[view]}
          </a>
        ))}
      </nav>
      <div class="top-end">
        <ConnectionState />
        <button
          type="button"
          class="icon"
          aria-label={token.value === '' ? 'Enter the token' : 'Change the token'}
          title={token.value === '' ? 'Read only: enter the token to change things' : 'Token entered'}
          onClick={() => {
            tokenDialogOpen.value = true
          }}
        >
          <KeyIcon entered={token.value !== ''} />
        </button>
        <button type="button" class="icon" aria-label={`Use ${other()} theme`} title="Theme" onClick={toggleTheme}>
          <ThemeIcon />
        </button>
      </div>
    </header>
  )
}

const other = (): string => (theme.value === 'dark' ? 'light' : 'dark')

function ConnectionState() {
  const [kind, text] = stateText()
  const version = frame.value?.snapshot.broker.version
  return (
    <span class={`state ${kind}`} role="status" title={version === undefined ? undefined : `Hawser ${version}`}>
      <i aria-hidden="true" />
      {text}
    </span>
  )
}

function stateText(): [kind: string, text: string] {
  switch (connection.value) {
    case 'live':
      return unavailable.value === undefined ? ['good', 'Live'] : ['warn', 'No broker']
    case 'connecting':
      return ['warn', 'Connecting…']
    case 'reconnecting':
      return ['warn', 'Reconnecting…']
    default:
      throw connection.value satisfies never
  }
}

/** A rope of two strands. */
function Mark() {
  return (
    <svg viewBox="0 0 32 32" width="26" height="26" aria-hidden="true" class="mark">
      <rect width="32" height="32" rx="8" />
      <path d="M7 22C7 12 25 20 25 10" />
      <path class="lay" d="M7 22C7 12 25 20 25 10" />
    </svg>
  )
}

function KeyIcon({ entered }: { readonly entered: boolean }) {
  return (
    <svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true" class={entered ? 'entered' : undefined}>
      <circle cx="7" cy="13" r="3.5" />
      <path d="M9.5 10.5 16 4m-2.5 2.5 2 2M12 8l1.5 1.5" />
    </svg>
  )
}

function ThemeIcon() {
  return (
    <svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true">
      <circle cx="10" cy="10" r="6.5" />
      <path d="M10 3.5a6.5 6.5 0 0 1 0 13z" class="filled" />
    </svg>
  )
}
