import { forbidden, invalid, required } from '../../../errors/field-error.ts';
import type { FieldError } from '../../../errors/field-error.ts';
import { itemsAt, numberAt, objectAt } from '../../../json.ts';
import type { Json, JsonObject } from '../../../json.ts';
import { notNegative, portName, portNumber } from '../checks.ts';
import { choice, formed, given, objectFields, textOf } from './forms.ts';

type HandlerCheck = (handler: JsonObject, path: string, graceSeconds: number | undefined) => FieldError[];

const checks: Readonly<Record<string, HandlerCheck>> = {
  exec: (exec, path) => (itemsAt(exec, 'command').length === 0 ? [required(`${path}.command`)] : []),
  httpGet: httpErrors,
  tcpSocket: (socket, path) => portErrors(socket['port'], `${path}.port`),
  grpc: (call, path) => portNumber(call['port'] ?? 0, `${path}.port`),
  sleep: sleepErrors,
};

const probeHandlers = ['exec', 'httpGet', 'tcpSocket', 'grpc'];
const lifecycleHandlers = ['exec', 'httpGet', 'tcpSocket', 'sleep'];

/** What is wrong with the probes and the lifecycle of a container that lives as long as its pod. */
export function healthErrors(
  container: JsonObject,
  path: string,
  graceSeconds: number | undefined,
): FieldError[] {
  const lifecycle = objectAt(container, 'lifecycle');
  const hooks = ['postStart', 'preStop'].flatMap((hook) => {
    const handler = objectAt(lifecycle, hook);
    if (handler === undefined) return [];
    return handlerErrors(handler, `${path}.lifecycle.${hook}`, { known: lifecycleHandlers, graceSeconds });
  });
  const probes = ['livenessProbe', 'readinessProbe', 'startupProbe'].flatMap((kind) => {
    const probe = objectAt(container, kind);
    return probe === undefined ? [] : probeErrors(probe, `${path}.${kind}`, kind === 'readinessProbe');
  });
  return [...hooks, ...probes];
}

const times = [
  'initialDelaySeconds',
  'timeoutSeconds',
  'periodSeconds',
  'successThreshold',
  'failureThreshold',
];

function probeErrors(probe: JsonObject, path: string, ofReadiness: boolean): FieldError[] {
  const grace = numberAt(probe, 'terminationGracePeriodSeconds');
  const at = `${path}.terminationGracePeriodSeconds`;
  const errors = [
    ...handlerErrors(probe, path, { known: probeHandlers, graceSeconds: undefined }),
    ...times.flatMap((field) => notNegative(probe[field], `${path}.${field}`)),
  ];
  if (grace !== undefined && grace <= 0) errors.push(invalid(at, grace, 'must be greater than 0'));
  if (ofReadiness) {
    return grace === undefined
      ? errors
      : [...errors, invalid(at, grace, 'must not be set for readinessProbes')];
  }
  const successes = numberAt(probe, 'successThreshold') ?? 0;
  return successes === 1 ? errors : [...errors, invalid(`${path}.successThreshold`, successes, 'must be 1')];
}

interface HandlerRules {
  readonly known: readonly string[];
  readonly graceSeconds: number | undefined;
}

function handlerErrors(
  object: JsonObject,
  path: string,
  { known, graceSeconds }: HandlerRules,
): FieldError[] {
  const [first, ...more] = objectFields(object, known);
  if (first === undefined) return [required(path, 'must specify a handler type')];
  return [
    ...(checks[first]?.(objectAt(object, first) ?? {}, `${path}.${first}`, graceSeconds) ?? []),
    ...more.map((handler) => forbidden(`${path}.${handler}`, 'may not specify more than 1 handler type')),
  ];
}

const headerWords =
  "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', " +
  "regex used for validation is '[-A-Za-z0-9]+')";

function httpErrors(get: JsonObject, path: string): FieldError[] {
  return [
    ...given(textOf(get, 'path'), `${path}.path`),
    ...portErrors(get['port'], `${path}.port`),
    ...choice(get['scheme'], `${path}.scheme`, ['HTTP', 'HTTPS']),
    ...itemsAt(get, 'httpHeaders').flatMap((header) =>
      formed(textOf({ header }, 'header', 'name'), `${path}.httpHeaders`, (name) =>
        /^[-A-Za-z0-9]+$/.test(name) ? [] : [headerWords],
      ),
    ),
  ];
}

function portErrors(port: Json | undefined, path: string): FieldError[] {
  return typeof port === 'string' ? portName(port, path) : portNumber(port ?? 0, path);
}

function sleepErrors(sleep: JsonObject, path: string, graceSeconds: number | undefined): FieldError[] {
  const seconds = numberAt(sleep, 'seconds') ?? 0;
  if (graceSeconds === undefined || (seconds >= 0 && seconds <= graceSeconds)) return [];
  const most = String(graceSeconds);
  const why = `must be non-negative and less than terminationGracePeriodSeconds (${most})`;
  return [invalid(path, seconds, why)];
}
