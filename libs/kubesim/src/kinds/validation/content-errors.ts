import { invalid, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { objectAt, textAt } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';

const keyWords =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or " +
  "'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

/** What is wrong with the content of a config map. */
export function configMapErrors(configMap: KubeObject): FieldError[] {
  const data = Object.keys(objectAt(configMap, 'data') ?? {});
  const binary = Object.keys(objectAt(configMap, 'binaryData') ?? {});
  return [
    ...data.flatMap((key) => [
      ...keyErrors(key, 'data'),
      ...(binary.includes(key)
        ? [invalid(`data[${key}]`, key, 'duplicate of key present in binaryData')]
        : []),
    ]),
    ...binary.flatMap((key) => keyErrors(key, 'binaryData')),
  ];
}

const keysByType: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
};

const accountName = 'kubernetes.io/service-account.name';

/** What is wrong with the content of a secret: its keys, and what its type needs. */
export function secretErrors(secret: KubeObject): FieldError[] {
  const data = objectAt(secret, 'data') ?? {};
  const type = textAt(secret, 'type') ?? '';
  const missing = (keysByType[type] ?? []).filter((key) => data[key] === undefined);
  const errors = [
    ...Object.keys(data).flatMap((key) => keyErrors(key, 'data')),
    ...missing.map((key) => required(`data[${key}]`)),
  ];
  const ofAccount = type === 'kubernetes.io/service-account-token';
  if (ofAccount && (secret.metadata.annotations?.[accountName] ?? '') === '') {
    errors.push(required(`metadata.annotations[${accountName}]`));
  }
  return errors;
}

function keyErrors(key: string, field: string): FieldError[] {
  const path = `${field}[${key}]`;
  if (!/^[-._a-zA-Z0-9]+$/.test(key)) return [invalid(path, key, keyWords)];
  if (key === '.' || key === '..') return [invalid(path, key, `must not be '${key}'`)];
  return key.startsWith('..') ? [invalid(path, key, "must not start with '..'")] : [];
}
