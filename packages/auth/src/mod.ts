/** Who a client is and what it may do: methods of authentication, rules, and the broker's port made of them. */
export { type Access, type AccessOptions, type Authorizer, ConfiguredAccess } from './access.ts'
export { anonymousMethod, openMethod } from './anonymous/anonymous-method.ts'
export { CertificateMethod, type CertificateName, certificateNames } from './certificate/certificate-method.ts'
export type { Chain } from './chain/chain.ts'
export { type BindingName, bindingNames, type ClientIdBinding } from './client-id/binding.ts'
export {
  type AuthenticationMethod,
  accepted,
  type ExchangeMethod,
  notMine,
  type Proved,
  type ProvingExchange,
  type Refusal,
  unavailable,
  type Verdict,
  wrongCredentials,
} from './method.ts'
export { readPasswordText, replacePasswordFile, withoutUser, withUser } from './password-file/change-file.ts'
export { hashForScram, hashPassword, type PasswordHasher, systemHasher } from './password-file/hasher.ts'
export { type Passwords, parsePasswords } from './password-file/parse-passwords.ts'
export { PasswordMethod, type PasswordMethodOptions, passwordLimits } from './password-file/password-method.ts'
export { parseStoredHash, type StoredHash, scramText } from './password-file/stored-hash.ts'
export { StoredPasswords } from './password-file/stored-passwords.ts'
export { type FileFault, type Reloadable, whyUnreadable } from './reload.ts'
export { checkedUrl } from './remote/checked-url.ts'
export { ReplaceableAccess } from './replaceable-access.ts'
export { filterMatches } from './rules/filter-match.ts'
export { RoleFile, type Roles } from './rules/role-file.ts'
export {
  openRules,
  publishing,
  type Rule,
  type RuleSet,
  type RuleSubject,
  reading,
  readingAndPublishing,
} from './rules/rule.ts'
export { Rules } from './rules/rules.ts'
export { SecretFile } from './secret-file.ts'
