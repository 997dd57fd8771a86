export { systemClock } from './clock.ts';
export type { Clock } from './clock.ts';
export { FaultError, errorText } from './fault.ts';
export type { FaultCode } from './fault.ts';
export { ConfigError, loadConfig, readSecretFile } from './load-config.ts';
export { runParts } from './parts.ts';
export type { Part, PartsLog, RunPartsOptions } from './parts.ts';
export { createWake } from './wake.ts';
export type { Wake } from './wake.ts';
