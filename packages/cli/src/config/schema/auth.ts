/** The keys `auth` and `acl`: who may come in, and what it may do. */
import * as z from 'zod'
import { methodNames, ruleActions } from '../auth-configuration.ts'
import { plainFilter as filter } from './plain-filter.ts'
import { setting } from './setting.ts'

const text = z.string().min(1)
const texts = z.array(text).min(1)
const count = z.int().min(0)
const chain = z.array(z.enum(methodNames)).min(1)

const password = z
  .strictObject({
    file: text.meta({ description: 'as `hawser passwd` or mosquitto_passwd writes it' }),
    remembered_seconds: setting(count, 3_600, 'a right password is not hashed again for so long; 0: each time'),
  })
  .meta({ description: 'user name and password' })

const certificate = z
  .strictObject({
    username: setting(z.enum(['common-name', 'subject']), 'common-name', 'what of the certificate is the user name'),
  })
  .meta({ description: 'the certificate of the client, which its listener has checked' })

const scram = z
  .strictObject({ file: setting(text, undefined, 'none: that of password') })
  .meta({ description: 'SCRAM-SHA-256 by AUTH, for users of `hawser passwd --scram`' })

const keySources = ['secret_file', 'secret_env', 'public_key_file', 'key_set_file', 'key_set_url'] as const
const plainHttp = setting(z.boolean(), false, 'let the URL be http:// beyond this machine')

const jwt = z
  .strictObject({
    secret_file: setting(text, undefined, 'a secret of 32 bytes or more, for HS256, HS384 and HS512'),
    secret_env: setting(text, undefined, 'name of the environment variable with the secret'),
    public_key_file: setting(text, undefined, 'PEM'),
    key_set_file: setting(text, undefined, 'JSON Web Key Set'),
    key_set_url: setting(text, undefined, 'of a JSON Web Key Set, fetched seldom and kept for an hour'),
    plain_http: plainHttp,
    algorithms: setting(texts, undefined, 'none: all that fit the kind of key'),
    issuer: setting(text, undefined, 'what iss must be'),
    audience: setting(text, undefined, 'what aud must be or hold'),
    token_in: setting(z.enum(['password', 'username']), 'password', 'where the token is'),
    username_claim: setting(text, 'sub', 'the claim that is the user name'),
    username_matches: setting(z.boolean(), false, 'the user name of CONNECT must be that of the claim'),
    roles_claim: setting(text, 'roles', 'a list, or words with spaces between'),
    rules_claim: setting(text, 'acl', 'what the bearer may do'),
    expiry_required: setting(z.boolean(), true, 'refuse a token without exp'),
    tolerance_seconds: setting(z.int().min(0).max(300), 0, 'how far clocks may differ'),
  })
  .refine(
    (value) => keySources.filter((source) => source in value).length === 1,
    `give one of ${keySources.join(', ')}`,
  )
  .meta({ description: 'a signed token' })

const callback = z
  .strictObject({
    url: text.meta({ description: 'asked by POST with JSON; https, or http on this machine' }),
    plain_http: plainHttp,
    authorization_file: setting(text, undefined, 'file with the value of the Authorization header'),
    authorization_env: setting(text, undefined, 'name of the environment variable with it'),
    timeout_ms: setting(z.int().min(1).max(60_000), 5_000, 'no answer by then is no verdict: nobody is let in'),
    running_max: setting(z.int().min(1), 32, 'questions at one time'),
    waiting_max: setting(count, 1_024, 'questions that wait'),
    allowed_seconds: setting(count, 60, 'how long a yes is remembered'),
    refused_seconds: setting(count, 10, 'how long a no is remembered'),
  })
  .meta({ description: 'a service of your own' })

const clientId = z
  .strictObject({
    equals: setting(z.enum(['username', 'common-name']), undefined, 'the client id is this'),
    prefix: setting(text, undefined, 'the client id begins so; %u: user name, %n: common name of the certificate'),
  })
  .refine(({ equals, prefix }) => (equals === undefined) !== (prefix === undefined), 'give equals or prefix')
  .meta({ description: 'binds client ids to who they belong to; others are refused with 0x85' })

export const auth = z
  .strictObject({
    chain: setting(chain, undefined, 'ways to log in, in the order in which they are asked; none: all that are here'),
    listeners: setting(
      z.array(z.strictObject({ name: text, chain })),
      undefined,
      'listeners with a chain of their own, by name',
    ),
    password: password.optional(),
    certificate: certificate.optional(),
    jwt: jwt.optional(),
    scram: scram.optional(),
    http: callback.optional(),
    client_id: clientId.optional(),
  })
  .check(({ value, issues }) => {
    const configured = (name: string): boolean => name === 'anonymous' || name in value
    const fault = (path: (string | number)[], input: unknown, message: string): void =>
      void issues.push({ code: 'custom', path, input, message })
    if (value.scram !== undefined && value.scram.file === undefined && value.password === undefined) {
      fault(['scram'], value.scram, 'give scram a file, or configure auth.password')
    }
    if (!methodNames.some((name) => name in value) && value.chain === undefined) {
      fault([], value, `configure one of ${methodNames.join(', ')}`)
    }
    const chains = [
      { path: ['chain'], names: value.chain ?? [] },
      ...(value.listeners ?? []).map(({ chain }, index) => ({ path: ['listeners', index, 'chain'], names: chain })),
    ]
    for (const { path, names } of chains) {
      for (const [index, name] of names.entries()) {
        if (!configured(name)) fault([...path, index], name, `configure auth.${name}`)
      }
    }
  })
  .meta({ description: 'who may come in; without it whoever reaches a listener' })

const rule = z
  .strictObject({
    allow: setting(z.array(z.enum(ruleActions)).min(1), undefined, 'read is subscribe and receive, write is publish'),
    deny: setting(z.array(z.enum(ruleActions)).min(1), undefined, 'instead of allow'),
    topics: z.array(filter).min(1).meta({ description: 'topic filters; %u: user name, %c: client id' }),
    users: setting(texts, undefined, 'only for these user names'),
    roles: setting(texts, undefined, 'only for who has one of these roles'),
    client_ids: setting(texts, undefined, 'only for these client ids'),
    listeners: setting(texts, undefined, 'only at these listeners'),
    anonymous: setting(z.boolean(), undefined, 'true: only without a proved name; false: only with one'),
  })
  .refine(({ allow, deny }) => (allow === undefined) !== (deny === undefined), 'give allow or deny')

export const acl = z
  .strictObject({
    rules: setting(z.array(rule).max(10_000), undefined, 'in order: the first that matches decides'),
    otherwise: setting(z.enum(['allow', 'deny']), 'deny', 'what holds where no rule matches'),
    roles_file: setting(text, undefined, 'lines of role: user, user'),
    http: callback.optional().meta({ description: 'a service of your own, asked where no rule matches' }),
  })
  .meta({ description: 'who may do what; without it everyone everything' })
