/** The live feed: one WebSocket that comes back by itself, with growing pauses, for as long as the page is open. */
import type { History, HistoryPoint, LiveFrame, LiveMessage } from '@hawser/admin'
import { computed, signal } from '@preact/signals'
import { getJson, RequestFailed } from './rest.ts'
import { token, tokenDialogOpen } from './token.ts'

const backoffMsMin = 250
const backoffMsMax = 5_000
/** The server sends every second; a connection that is silent for so long is dead. */
const silenceMsMax = 6_000
const historyPointsMax = 900

export const connection = signal<'connecting' | 'live' | 'reconnecting'>('connecting')
export const frame = signal<LiveFrame | undefined>(undefined)
/** Why the server has no state to show, while it has none. */
export const unavailable = signal<string | undefined>(undefined)
export const history = signal<readonly HistoryPoint[]>([])
/** Whether what is shown is older than it looks. */
export const stale = computed(() => connection.value !== 'live' || unavailable.value !== undefined)

let socket: WebSocket | undefined
let backoffMs = backoffMsMin
let silence: number | undefined
let retry: number | undefined

export function connectLive(): void {
  open()
  const hurry = (): void => {
    if (retry === undefined || document.visibilityState !== 'visible') return
    backoffMs = backoffMsMin
    open()
  }
  addEventListener('online', hurry)
  document.addEventListener('visibilitychange', hurry)
  token.subscribe(hurry)
}

function open(): void {
  clearTimeout(retry)
  retry = undefined
  const address = new URL('/api/v1/live', location.href)
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:'
  address.hash = ''
  const bearer = token.value === '' ? [] : [`bearer.${token.value}`]
  const opened = new WebSocket(address, ['hawser.live.v1', ...bearer])
  socket = opened
  listenForSilence(opened)
  opened.onmessage = ({ data }) => {
    listenForSilence(opened)
    take(JSON.parse(String(data)) as LiveMessage)
  }
  opened.onopen = () => {
    backoffMs = backoffMsMin
    connection.value = 'live'
    void loadHistory()
  }
  opened.onclose = () => {
    if (socket === opened) later()
  }
}

function later(): void {
  clearTimeout(silence)
  socket = undefined
  if (connection.value === 'live') connection.value = 'reconnecting'
  else void askForTokenWhereNeeded()
  // Spread, so that many pages do not come back in the same moment.
  const [dice = 0] = crypto.getRandomValues(new Uint8Array(1))
  retry = window.setTimeout(open, backoffMs * (0.75 + dice / 512))
  backoffMs = Math.min(backoffMs * 2, backoffMsMax)
}

/** A browser does not tell why a WebSocket was refused; the same question over HTTP does. */
async function askForTokenWhereNeeded(): Promise<void> {
  try {
    await getJson<History>('/api/v1/history')
  } catch (error) {
    if (error instanceof RequestFailed && error.code === 'TOKEN_NEEDED') tokenDialogOpen.value = true
    else connection.value = frame.value === undefined ? 'connecting' : 'reconnecting'
  }
}

function listenForSilence(watched: WebSocket): void {
  clearTimeout(silence)
  silence = window.setTimeout(() => {
    if (socket !== watched) return
    watched.close()
    later()
  }, silenceMsMax)
}

function take(message: LiveMessage): void {
  switch (message.kind) {
    case 'frame': {
      unavailable.value = undefined
      frame.value = message
      remember(message)
      return
    }
    case 'unavailable':
      unavailable.value = message.reason
      return
    default:
      throw message satisfies never
  }
}

function remember({ snapshot, rates }: LiveFrame): void {
  const point: HistoryPoint = {
    atMs: snapshot.atMs,
    receivedPerSecond: rates.receivedPerSecond,
    sentPerSecond: rates.sentPerSecond,
    recordedPerSecond: rates.recordedPerSecond,
    droppedPerSecond: rates.droppedPerSecond,
    connections: snapshot.broker.connections.now,
    lagMessages: Math.max(0, ...snapshot.connectors.map(({ lag }) => lag.messages)),
  }
  if ((history.value.at(-1)?.atMs ?? 0) < point.atMs) {
    history.value = [...history.value, point].slice(-historyPointsMax)
  }
}

/** A server that was started again knows less than this page does: what only the page has is kept. */
async function loadHistory(): Promise<void> {
  try {
    const { points } = await getJson<History>('/api/v1/history')
    const sinceMs = points[0]?.atMs ?? Number.POSITIVE_INFINITY
    const untilMs = points.at(-1)?.atMs ?? 0
    const before = history.value.filter(({ atMs }) => atMs < sinceMs)
    const after = history.value.filter(({ atMs }) => atMs >= sinceMs && atMs > untilMs)
    history.value = [...before, ...points, ...after].slice(-historyPointsMax)
  } catch (error) {
    // The chart then begins with the frames that come; the connection's own state tells the rest.
    if (!(error instanceof RequestFailed)) throw error
  }
}
