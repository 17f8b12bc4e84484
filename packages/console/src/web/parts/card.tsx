import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'

export interface CardProps {
  readonly title: string
  readonly aside?: ComponentChildren
  readonly class?: string
  readonly children: ComponentChildren
}

export function Card({ title, aside, class: name = '', children }: CardProps) {
  const id = useId()
  return (
    <section class={`card ${name}`} aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {aside === undefined ? null : <span class="aside">{aside}</span>}
      </header>
      {children}
    </section>
  )
}

export interface TileProps {
  readonly label: string
  readonly value: string
  readonly unit?: string
  readonly note: ComponentChildren
  readonly tone?: 'good' | 'warn' | 'bad' | undefined
  readonly children?: ComponentChildren
}

export function Tile({ label, value, unit, note, tone, children }: TileProps) {
  return (
    <section class={`tile ${tone ?? ''}`} aria-label={label}>
      <h2>{label}</h2>
      <p class="value">
        {value}
        {unit === undefined ? null : <small>{unit}</small>}
      </p>
      <p class="note">{note}</p>
      {children}
    </section>
  )
}
