/** The way of a message as a picture: devices → broker → log → connectors → sinks, with what flows and what waits. */
import type { LiveFrame } from '@hawser/admin'
import { useEffect, useRef, useState } from 'preact/hooks'
import { bytes, decimal, duration, rate, short, whole } from '../format.ts'
import { connectorTone, lagText } from './connector-row.tsx'
import { type Box, edgePath, type Layout, layoutOf } from './path-layout.ts'

export function PathPicture({ frame }: { readonly frame: LiveFrame }) {
  const [width, holder] = useWidth()
  const connectors = frame.snapshot.connectors.slice(0, shownConnectorsMax)
  const layout = layoutOf(width, connectors.length)
  return (
    <div ref={holder} class="path">
      {layout === undefined ? null : (
        <svg width={layout.width} height={layout.height} role="img" aria-label={describe(frame)}>
          <Edges frame={frame} layout={layout} />
          <Nodes frame={frame} layout={layout} />
        </svg>
      )}
    </div>
  )
}

const shownConnectorsMax = 4

function describe({ snapshot, rates }: LiveFrame): string {
  const lags = snapshot.connectors.map((connector) => `${connector.name} ${connector.lag.messages} behind`)
  return [
    `${snapshot.broker.connections.now} devices publish ${rate(rates.receivedPerSecond)} messages a second to the broker`,
    `the log records ${rate(rates.recordedPerSecond)} a second`,
    ...lags,
  ].join('; ')
}

function Edges({ frame, layout }: { readonly frame: LiveFrame; readonly layout: Layout }) {
  const { rates, snapshot } = frame
  return (
    <g>
      <Edge
        {...{ layout, from: layout.devices, to: layout.broker, perSecond: rates.receivedPerSecond }}
        label={`${rate(rates.receivedPerSecond)}/s`}
        below={`${rate(rates.sentPerSecond)}/s out`}
      />
      <Edge
        {...{ layout, from: layout.broker, to: layout.log, perSecond: rates.recordedPerSecond }}
        label={`${rate(rates.recordedPerSecond)}/s`}
      />
      {layout.connectors.map((box, index) => {
        const connector = snapshot.connectors[index]
        const sink = layout.sinks[index]
        if (connector === undefined || sink === undefined) return null
        const tone = connectorTone(connector)
        return (
          <g key={connector.name}>
            <Edge {...{ layout, from: layout.log, to: box, perSecond: connector.ratePerSecond, tone }} label="" />
            <Edge
              {...{ layout, from: box, to: sink, perSecond: connector.ratePerSecond, tone }}
              label={`${rate(connector.ratePerSecond)}/s`}
            />
          </g>
        )
      })}
    </g>
  )
}

interface EdgeProps {
  readonly layout: Layout
  readonly from: Box
  readonly to: Box
  readonly perSecond: number
  readonly label: string
  readonly below?: string
  readonly tone?: 'good' | 'warn' | 'bad'
}

/** A rope: its lay moves with what flows, and stands still when nothing does. */
function Edge({ layout, from, to, perSecond, label, below, tone = 'good' }: EdgeProps) {
  const { d, x, y } = edgePath(layout, from, to)
  const seconds = perSecond <= 0 ? 0 : Math.max(0.4, 3 - Math.log10(1 + perSecond) * 0.7)
  const side = layout.vertical ? { x: x + 12, anchor: 'start' } : { x, anchor: 'middle' }
  return (
    <g class={`rope ${tone}`}>
      <path d={d} />
      <path d={d} class={seconds === 0 ? 'lay' : 'lay flowing'} style={{ animationDuration: `${seconds}s` }} />
      <text x={side.x} y={layout.vertical ? y + 4 : y - 10} text-anchor={side.anchor} class="flow">
        {label}
      </text>
      {below === undefined ? null : (
        <text
          x={layout.vertical ? x - 12 : x}
          y={layout.vertical ? y + 4 : y + 20}
          text-anchor={layout.vertical ? 'end' : 'middle'}
          class="quiet"
        >
          {below}
        </text>
      )}
    </g>
  )
}

function Nodes({ frame, layout }: { readonly frame: LiveFrame; readonly layout: Layout }) {
  const { broker, log, connectors } = frame.snapshot
  const synced = log.fsyncLatencyMs === null ? log.durability : `sync p99 ${decimal(log.fsyncLatencyMs.p99)} ms`
  const brokerTone = broker.state === 'running' ? 'good' : 'bad'
  const logTone = log.status.kind === 'open' ? 'good' : 'bad'
  return (
    <g>
      <Node box={layout.devices} title="Devices" value={whole(broker.connections.now)} note="connected" />
      <Node
        {...{ box: layout.broker, title: 'Broker', tone: brokerTone }}
        value={`${short(broker.inflight)} in flight`}
        note={broker.state === 'running' ? `up ${duration(broker.uptimeSeconds)}` : broker.state}
      />
      <Node
        {...{ box: layout.log, title: 'Log', tone: logTone }}
        value={bytes(log.bytes)}
        note={log.status.kind === 'open' ? synced : log.status.kind}
      />
      {connectors.slice(0, shownConnectorsMax).map((connector, index) => {
        const [box, sink] = [layout.connectors[index], layout.sinks[index]]
        if (box === undefined || sink === undefined) return null
        const note = connector.state === 'running' ? `lag ${lagText(connector)}` : connector.state
        return (
          <g key={connector.name}>
            <Node box={box} title={connector.name} note={note} tone={connectorTone(connector)} />
            <Node box={sink} title={connector.target} note={`${short(connector.written)} written`} sink />
          </g>
        )
      })}
    </g>
  )
}

interface NodeProps {
  readonly box: Box
  readonly title: string
  readonly value?: string
  readonly note: string
  readonly tone?: 'good' | 'warn' | 'bad'
  readonly sink?: boolean
}

function Node({ box, title, value, note, tone = 'good', sink = false }: NodeProps) {
  const lines = value === undefined ? [title, note] : [title, value, note]
  const step = 17
  const top = box.y + box.height / 2 - ((lines.length - 1) * step) / 2 + 4.5
  return (
    <g class={`node ${tone} ${sink ? 'sink' : ''}`}>
      <rect x={box.x} y={box.y} width={box.width} height={box.height} rx="10" />
      {lines.map((line, index) => (
        <text
          key={index === 0 ? 'title' : index === 1 && value !== undefined ? 'value' : 'note'}
          x={box.x + box.width / 2}
          y={top + index * step}
          text-anchor="middle"
          class={index === 0 ? 'title' : index === 1 && value !== undefined ? 'value' : 'note'}
        >
          {fitted(line, box.width, index === 0 ? titleCharacterPx : characterPx)}
        </text>
      ))}
    </g>
  )
}

/** Widths of a character that most texts stay below; the whole text stands in the table of connectors. */
const characterPx = 6.9
const titleCharacterPx = 8

const fitted = (text: string, width: number, perCharacterPx: number): string => {
  const charactersMax = Math.floor((width - 12) / perCharacterPx)
  return text.length <= charactersMax ? text : `${text.slice(0, charactersMax - 1)}…`
}

function useWidth(): [number, { current: HTMLDivElement | null }] {
  const holder = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(0)
  useEffect(() => {
    if (holder.current === null) return
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)))
    observer.observe(holder.current)
    return () => observer.disconnect()
  }, [])
  return [width, holder]
}
