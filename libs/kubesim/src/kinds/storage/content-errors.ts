import { invalid, required, tooLong } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { isObject, memberOf, textAt, textsAt } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { parseJson } from '../../schema/parse-json.ts';

const most = 1_048_576;
const longestKey = 253;
const keyWords =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or " +
  "'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

/** What is wrong with the content of a config map. */
export function configMapErrors(configMap: KubeObject): FieldError[] {
  const [data, binary] = [textsAt(configMap, 'data'), textsAt(configMap, 'binaryData')];
  const size = bytesOf(Object.values(data), 'utf8') + bytesOf(Object.values(binary), 'base64');
  return [
    ...Object.keys(data).flatMap((key) => [
      ...keyErrors(key, 'data'),
      ...(binary[key] === undefined
        ? []
        : [invalid(`data[${key}]`, key, 'duplicate of key present in binaryData')]),
    ]),
    ...Object.keys(binary).flatMap((key) => keyErrors(key, 'binaryData')),
    ...(size > most ? [tooLong('[]', most)] : []),
  ];
}

/** What is wrong with the content of a secret: its keys, its size, and what its type needs. */
export function secretErrors(secret: KubeObject): FieldError[] {
  const data = textsAt(secret, 'data');
  return [
    ...Object.keys(data).flatMap((key) => keyErrors(key, 'data')),
    ...(bytesOf(Object.values(data), 'base64') > most ? [tooLong('data', most)] : []),
    ...(memberOf(byType, textAt(secret, 'type') ?? '')?.(data, secret) ?? []),
  ];
}

type Content = Readonly<Record<string, string>>;

const accountName = 'kubernetes.io/service-account.name';

const byType: Readonly<Record<string, (data: Content, secret: KubeObject) => FieldError[]>> = {
  'kubernetes.io/tls': (data) => missing(data, ['tls.crt', 'tls.key']),
  'kubernetes.io/dockercfg': (data) => jsonErrors(data, '.dockercfg'),
  'kubernetes.io/dockerconfigjson': (data) => jsonErrors(data, '.dockerconfigjson'),
  'kubernetes.io/ssh-auth': (data) =>
    (data['ssh-privatekey'] ?? '') === '' ? [required('data[ssh-privatekey]')] : [],
  'kubernetes.io/basic-auth': (data) => {
    const absent = missing(data, ['username', 'password']);
    return absent.length === 2 ? absent : [];
  },
  'kubernetes.io/service-account-token': (_, { metadata }) =>
    (metadata.annotations?.[accountName] ?? '') === ''
      ? [required(`metadata.annotations[${accountName}]`)]
      : [],
};

function missing(data: Content, keys: readonly string[]): FieldError[] {
  return keys.filter((key) => data[key] === undefined).map((key) => required(`data[${key}]`));
}

function jsonErrors(data: Content, key: string): FieldError[] {
  const content = data[key];
  if (content === undefined) return [required(`data[${key}]`)];
  const parsed = parseJson(Buffer.from(content, 'base64').toString('utf8'));
  const problem = parsed.ok ? notAnObject(parsed.value) : parsed.message;
  if (problem === undefined) return [];
  return [invalid(`data[${key}]`, '<secret contents redacted>', problem)];
}

function notAnObject(value: Parameters<typeof isObject>[0]): string | undefined {
  if (value === null || isObject(value)) return undefined;
  const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  return `json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`;
}

function keyErrors(key: string, field: string): FieldError[] {
  const path = `${field}[${key}]`;
  const long = Buffer.byteLength(key) > longestKey ? [invalid(path, key, longKey)] : [];
  if (!/^[-._a-zA-Z0-9]+$/.test(key)) return [...long, invalid(path, key, keyWords)];
  if (key === '.' || key === '..') return [...long, invalid(path, key, `must not be '${key}'`)];
  return key.startsWith('..') ? [...long, invalid(path, key, "must not start with '..'")] : long;
}

const longKey = `must be no more than ${String(longestKey)} characters`;

function bytesOf(texts: readonly string[], encoding: 'utf8' | 'base64'): number {
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text, encoding), 0);
}

/** What a client is warned of in a secret: a certificate or a key that is none. */
export function secretWarnings(secret: KubeObject): string[] {
  const [certificate, key] = ['tls.crt', 'tls.key'].map((name) => textAt(secret, 'data', name));
  if (secret['type'] !== 'kubernetes.io/tls' || certificate === undefined || key === undefined) return [];
  if (!isPem(certificate)) return ['tls: failed to find any PEM data in certificate input'];
  return isPem(key) ? [] : ['tls: failed to find any PEM data in key input'];
}

function isPem(content: string): boolean {
  return Buffer.from(content, 'base64').toString('latin1').includes('-----BEGIN ');
}
