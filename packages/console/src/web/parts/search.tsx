import { addressOf, replaceRoute, type View } from '../state/route.ts'

export function Search({
  view,
  value,
  label,
}: {
  readonly view: View
  readonly value: string
  readonly label: string
}) {
  return (
    <search>
      <label class="search">
        <span class="hidden">{label}</span>
        <input
          type="search"
          placeholder={label}
          value={value}
          onInput={(event) => replaceRoute(addressOf(view, undefined, { search: event.currentTarget.value }))}
        />
      </label>
    </search>
  )
}
