import { goQuote, serviceLabelProblems, subdomainProblems } from '@meridian/cel';
import { invalid, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { isObject, numberAt, textAt, valueAt } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import { readUrl } from './go-url.ts';

const form = '; desired format: https://host[/path]';

/** The versions of reviews that the API server can send. */
export const reviewVersions = ['v1', 'v1beta1'];

/** What is wrong with where a webhook is: at a URL, or behind a service. */
export function webhookAddressErrors({ url, service }: JsonObject, path: string): FieldError[] {
  if ((typeof url === 'string') === isObject(service)) {
    return [required(path, 'exactly one of url or service is required')];
  }
  return typeof url === 'string' ? urlErrors(url, `${path}.url`) : serviceErrors(service, `${path}.service`);
}

function urlErrors(text: string, path: string): FieldError[] {
  const read = readUrl(text);
  if (!read.ok)
    return [required(path, `url must be a valid URL: parse ${goQuote(text)}: ${read.why}${form}`)];
  const { scheme, host, user, fragment, query } = read;
  return [
    ...(scheme === 'https' ? [] : [invalid(path, scheme, `'https' is the only allowed URL scheme${form}`)]),
    ...(host === '' ? [invalid(path, host, `host must be specified${form}`)] : []),
    ...(user === '' ? [] : [invalid(path, user, 'user information is not permitted in the URL')]),
    ...(fragment === '' ? [] : [invalid(path, fragment, 'fragments are not permitted in the URL')]),
    ...(query === '' ? [] : [invalid(path, query, 'query parameters are not permitted in the URL')]),
  ];
}

/** The real server takes the two names for each other, which shows in the paths of what is missing. */
function serviceErrors(service: Json | undefined, path: string): FieldError[] {
  const port = numberAt(service, 'port') ?? 0;
  return [
    ...((textAt(service, 'namespace') ?? '') === '' ? [required(`${path}.name`)] : []),
    ...((textAt(service, 'name') ?? '') === '' ? [required(`${path}.namespace`)] : []),
    ...servicePortErrors(port, `${path}.port`),
    ...pathErrors(valueAt(service, 'path'), `${path}.path`),
  ];
}

/** What is wrong with the port of a service that the API server calls itself. */
export function servicePortErrors(port: number, path: string): FieldError[] {
  if (port >= 1 && port <= 65_535) return [];
  return [invalid(path, port, 'port is not valid: must be between 1 and 65535, inclusive')];
}

function pathErrors(given: Json | undefined, path: string): FieldError[] {
  if (typeof given !== 'string' || given === '' || given === '/') return [];
  if (given === '//') return [invalid(path, given, 'segment[0] may not be empty')];
  const errors = given.startsWith('/') ? [] : [invalid(path, given, "must start with a '/'")];
  const steps = given.slice(1).replace(/\/$/, '').split('/');
  const wrong = steps.flatMap((step, index) => {
    const at = `segment[${String(index)}]`;
    if (step === '') return [invalid(path, given, `${at} may not be empty`)];
    return subdomainProblems(step).map((problem) => invalid(path, given, `${at}: ${problem}`));
  });
  return [...errors, ...wrong];
}

/** What is wrong with the versions of reviews that a webhook knows; `missing` is said when there are none. */
export function reviewVersionErrors(versions: readonly string[], path: string, missing = ''): FieldError[] {
  if (versions.length === 0) return [required(path, missing)];
  const errors = versions.flatMap((version, index) => {
    const at = `${path}[${String(index)}]`;
    if (versions.indexOf(version) < index) return [invalid(at, version, 'duplicate version')];
    return serviceLabelProblems(version).map((problem) => invalid(at, version, problem));
  });
  if (versions.some((version) => reviewVersions.includes(version))) return errors;
  return [
    ...errors,
    invalid(path, [...versions], `must include at least one of ${reviewVersions.join(', ')}`),
  ];
}
