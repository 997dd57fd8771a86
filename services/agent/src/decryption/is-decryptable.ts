import type { JsonObject, KubeObject } from '@meridian/manifests';
import { isJsonObject } from '../json.ts';

/** Whether an object has anything that SOPS has encrypted, in itself or in files that a generator put in it. */
export function isDecryptable(object: KubeObject): boolean {
  if (object['sops'] !== undefined) return true;
  if (!isSecret(object)) return false;
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
export function dataOf(object: KubeObject): JsonObject {
  const { data } = object;
  return isJsonObject(data) ? data : {};
}
