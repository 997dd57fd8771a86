import { invalid, notSupported, required, forbidden } from '../errors/field-error.ts';
import type { FieldError } from '../errors/field-error.ts';
import { isObject, itemsAt, numberAt, textAt, valueAt } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import { serviceLabelProblems, subdomainProblems } from '../kinds/names.ts';
import { bundleProblem } from './ca-bundle.ts';
import { textsIn } from './internal-spec.ts';

const form = '; desired format: https://host[/path]';
const reviewVersions = ['v1', 'v1beta1'];

/** What is wrong with the conversion of an internal spec. A bundle of certificates is read only when told so. */
export function conversionErrors(spec: JsonObject, path: string, readsBundle: boolean): FieldError[] {
  const { conversion } = spec;
  if (!isObject(conversion)) return [];
  const strategy = textAt(conversion, 'strategy') ?? '';
  return [
    ...strategyErrors(strategy, `${path}.strategy`),
    ...(strategy === 'Webhook'
      ? webhookErrors(conversion, path, readsBundle)
      : withoutWebhook(conversion, path)),
  ];
}

function strategyErrors(strategy: string, path: string): FieldError[] {
  if (strategy === '') return [required(path)];
  const known = ['None', 'Webhook'];
  return known.includes(strategy) ? [] : [notSupported(path, strategy, known)];
}

function withoutWebhook(conversion: JsonObject, path: string): FieldError[] {
  const why = 'should not be set when strategy is not set to Webhook';
  return [
    ...(isObject(conversion['webhookClientConfig']) ? [forbidden(`${path}.webhookClientConfig`, why)] : []),
    ...(itemsAt(conversion, 'conversionReviewVersions').length > 0
      ? [forbidden(`${path}.conversionReviewVersions`, why)]
      : []),
  ];
}

function webhookErrors(conversion: JsonObject, path: string, readsBundle: boolean): FieldError[] {
  const config = conversion['webhookClientConfig'];
  const at = `${path}.webhookClientConfig`;
  return [
    ...(isObject(config)
      ? clientErrors(config, at, readsBundle)
      : [required(at, 'required when strategy is set to Webhook')]),
    ...reviewErrors(
      textsIn(itemsAt(conversion, 'conversionReviewVersions')),
      `${path}.conversionReviewVersions`,
    ),
  ];
}

function clientErrors(config: JsonObject, path: string, readsBundle: boolean): FieldError[] {
  const { url, service, caBundle } = config;
  const bundle = readsBundle && typeof caBundle === 'string' ? caBundle : '';
  const problem = bundle === '' ? undefined : bundleProblem(bundle);
  return [
    ...addressErrors(url, service, path),
    ...(problem === undefined ? [] : [invalid(`${path}.caBundle`, bundle, problem)]),
  ];
}

function addressErrors(url: Json | undefined, service: Json | undefined, path: string): FieldError[] {
  if ((typeof url === 'string') === isObject(service)) {
    return [required(path, 'exactly one of url or service is required')];
  }
  return typeof url === 'string' ? urlErrors(url, `${path}.url`) : serviceErrors(service, `${path}.service`);
}

function urlErrors(text: string, path: string): FieldError[] {
  if (!URL.canParse(text)) {
    return [
      invalid(path, '', `'https' is the only allowed URL scheme${form}`),
      invalid(path, '', `host must be specified${form}`),
    ];
  }
  const { protocol, host, username, password, hash, search } = new URL(text);
  const scheme = protocol.slice(0, -1);
  const user = password === '' ? username : `${username}:${password}`;
  return [
    ...(scheme === 'https' ? [] : [invalid(path, scheme, `'https' is the only allowed URL scheme${form}`)]),
    ...(host === '' ? [invalid(path, host, `host must be specified${form}`)] : []),
    ...(user === '' ? [] : [invalid(path, user, 'user information is not permitted in the URL')]),
    ...(hash === '' ? [] : [invalid(path, hash.slice(1), 'fragments are not permitted in the URL')]),
    ...(search === ''
      ? []
      : [invalid(path, search.slice(1), 'query parameters are not permitted in the URL')]),
  ];
}

/** The real server takes the two names for each other, which shows in the paths of what is missing. */
function serviceErrors(service: Json | undefined, path: string): FieldError[] {
  const port = numberAt(service, 'port') ?? 0;
  return [
    ...((textAt(service, 'namespace') ?? '') === '' ? [required(`${path}.name`)] : []),
    ...((textAt(service, 'name') ?? '') === '' ? [required(`${path}.namespace`)] : []),
    ...(port >= 1 && port <= 65_535
      ? []
      : [invalid(`${path}.port`, port, 'port is not valid: must be between 1 and 65535, inclusive')]),
    ...pathErrors(valueAt(service, 'path'), `${path}.path`),
  ];
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

function reviewErrors(versions: readonly string[], path: string): FieldError[] {
  if (versions.length === 0) return [required(path)];
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
