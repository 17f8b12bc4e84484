export { JwtMethod, type JwtMethodOptions, jwtLimits, tokenPlaces } from './jwt-method.ts'
export { KeySetFile, RemoteKeySet, remoteKeyLimits } from './key-set.ts'
export { algorithmsOf, changingKeys, publicKeyOf, secretKeys, type TokenKeys } from './token-keys.ts'
