import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseAcl } from './acl-file.ts'
import { patternRules, userRules } from './rules.ts'

describe('an ACL file of Mosquitto', () => {
  const acl = parseAcl(
    'acl',
    [
      '# rights',
      'topic read $SYS/#',
      'topic news',
      '',
      'user ann lee',
      'topic write a/#',
      'topic deny a/secret/#',
      'topic readwrite a b/c  ',
      'pattern write devices/%c/up',
      'pattern deny devices/%u/#',
      'user bob',
      'topic read #',
      'user ann lee',
      'topic read later',
    ].join('\n'),
  )

  it('has rights of clients without a name above the first user', () => {
    assert.deepEqual(userRules(acl, undefined), [
      { permission: 'allow', actions: ['receive'], filter: '$SYS/#' },
      { permission: 'allow', actions: ['publish', 'receive'], filter: 'news' },
    ])
  })

  it('asks denials before permissions, and takes up a user where he left off', () => {
    assert.deepEqual(userRules(acl, 'ann lee'), [
      { permission: 'deny', actions: ['publish', 'receive'], filter: 'a/secret/#' },
      { permission: 'allow', actions: ['publish'], filter: 'a/#' },
      { permission: 'allow', actions: ['publish', 'receive'], filter: 'a b/c' },
      { permission: 'allow', actions: ['receive'], filter: 'later' },
    ])
  })

  it('keeps patterns for everybody, wherever they stand', () => {
    assert.deepEqual(patternRules(acl), [
      { permission: 'deny', actions: ['publish', 'receive'], filter: 'devices/%u/#' },
      { permission: 'allow', actions: ['publish'], filter: 'devices/%c/up' },
    ])
    assert.deepEqual(userRules(acl, 'nobody'), [])
  })

  const faulty: Readonly<Record<string, readonly [text: string, message: RegExp]>> = {
    'an access that is none': ['topic append a/b\n', /^acl:1: append is no access$/],
    'a topic left out': ['user ann\ntopic\n', /^acl:2: no topic stands here/],
    'a filter that is none': ['topic read a/#/b\n', /^acl:1: a\/#\/b is no topic filter/],
    'a user without a name': ['user\n', /^acl:1: user without a name/],
    'a line that is none': ['allow a\n', /^acl:1: allow is not known/],
  }
  for (const [name, [text, message]] of Object.entries(faulty)) {
    it(`is refused for ${name}`, () => assert.throws(() => parseAcl('acl', text), { message }))
  }
})
