/** User properties as mqtt-packet takes and gives them: by key, several values of one key as a list. */
export type UserProperties = Record<string, string | string[]>

export function addUserProperty(properties: UserProperties, key: string, value: string): void {
  const before = Object.hasOwn(properties, key) ? properties[key] : undefined
  properties[key] = before === undefined ? value : [...(typeof before === 'string' ? [before] : before), value]
}
