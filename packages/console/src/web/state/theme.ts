import { computed, signal } from '@preact/signals'

const storageKey = 'hawser-theme'
const systemDark = matchMedia('(prefers-color-scheme: dark)')

const systemPrefersDark = signal(systemDark.matches)
const chosen = signal(document.documentElement.dataset['theme'])
systemDark.addEventListener('change', ({ matches }) => {
  systemPrefersDark.value = matches
})

export const theme = computed<'light' | 'dark'>(() => {
  if (chosen.value === 'light' || chosen.value === 'dark') return chosen.value
  return systemPrefersDark.value ? 'dark' : 'light'
})

export function toggleTheme(): void {
  const next = theme.value === 'dark' ? 'light' : 'dark'
  document.documentElement.dataset['theme'] = next
  localStorage.setItem(storageKey, next)
  chosen.value = next
}
