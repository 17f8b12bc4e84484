export { type CallbackOptions, type HttpLimits, httpLimits } from './callback.ts'
export { HttpAuthorizer } from './http-authorizer.ts'
export { HttpMethod, type HttpMethodOptions } from './http-method.ts'
