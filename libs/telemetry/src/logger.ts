import { pino } from 'pino';
import type { DestinationStream, Logger as PinoLogger } from 'pino';
import { fieldNames } from './field-names.ts';
import { currentTraceId } from './trace-context.ts';

/** A JSON logger; narrow it with `child({ cluster })`. */
export type Logger = PinoLogger;

/** Lowest level that is written. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** What a logger is made of. `destination` is standard output unless given. */
export interface LoggerConfig {
  readonly service: string;
  readonly instance: string;
  readonly logLevel: LogLevel;
  readonly destination?: DestinationStream;
}

const secretNames = ['authorization', 'cookie', 'password', 'privateKey', 'secret', 'seed', 'token'];

/** Texts that are secret wherever they stand: URL credentials, bearer tokens, private keys in PEM and of age, NATS seeds. */
const secretTexts: readonly (readonly [RegExp, string])[] = [
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@"\\]+@/gi, '$1***@'],
  [/\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}/gi, '$1 ***'],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, '*** private key ***'],
  [/\bAGE-SECRET-KEY-[-0-9A-Z]+/gi, '*** age key ***'],
  [/\bS[ACNOUX][A-Z2-7]{56}\b/g, '*** nkey seed ***'],
];

/** The text with everything that looks like a secret masked. Used on each finished log line; useful for error texts too. */
export function scrub(text: string): string {
  return secretTexts.reduce((scrubbed, [pattern, mask]) => scrubbed.replace(pattern, mask), text);
}

/** A pino logger that writes one JSON line per entry, with secrets masked by field name and by shape. */
export function createLogger(config: LoggerConfig): Logger {
  const options = {
    level: config.logLevel,
    base: { service: config.service, instance: config.instance },
    timestamp: pino.stdTimeFunctions.isoTime,
    messageKey: 'message',
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '***' },
    hooks: { streamWrite: scrub },
    mixin: () => {
      const traceId = currentTraceId();
      return traceId === undefined ? {} : { [fieldNames.traceId]: traceId };
    },
  };
  return config.destination ? pino(options, config.destination) : pino(options);
}
