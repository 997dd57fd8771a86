import type { Json, JsonObject, KubeObject } from '@meridian/manifests';
import { isJsonObject } from '../json.ts';
import { isEncrypted } from './sops-value.ts';

/** Whether an object has anything that SOPS has encrypted, in itself or in files that a generator put in it. */
export function isDecryptable(object: KubeObject): boolean {
  if (object['sops'] !== undefined) return true;
  if (!isSecret(object)) return false;
  if (Object.values(textsOf(object)).some((value) => typeof value === 'string' && isEncrypted(value)))
    return true;
  return Object.values(dataOf(object)).some((value) => typeof value === 'string' && mayBeEncrypted(value));
}

/** Whether an object is a Secret of Kubernetes. */
export const isSecret = ({ apiVersion, kind }: KubeObject): boolean =>
  apiVersion === 'v1' && kind === 'Secret';

const marker = Buffer.from('ENC[AES256_GCM,');

/** Decoding all data of all Secrets is worth it: it may stand anywhere in a file. */
function mayBeEncrypted(base64: string): boolean {
  return bytesOf(base64).includes(marker);
}

/** The bytes of a value of a Secret. */
export const bytesOf = (base64: string): Buffer => Buffer.from(base64, 'base64');

/** The data of a Secret; empty when it has none. */
export const dataOf = (object: KubeObject): JsonObject => mapOf(object['data']);

/** The data that a Secret has as texts; empty when it has none. */
export const textsOf = (object: KubeObject): JsonObject => mapOf(object['stringData']);

const mapOf = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {});
