import { X509Certificate } from 'node:crypto';
import type { Json, JsonObject, KubeObject } from '@meridian/manifests';
import { isJsonObject } from '../json.ts';

/**
 * A CustomResourceDefinition without the CA bundle of its conversion webhook when that is none. Charts carry a placeholder
 * there (`Cg==`) that somebody fills in later, such as the injector of cert-manager; API servers from 1.31 on do not serve
 * a definition with it, and owning the field would undo what is filled in.
 */
export function withoutBadCaBundle(definition: KubeObject): KubeObject {
  const config = at(definition['spec'], ['conversion', 'webhook', 'clientConfig']);
  const caBundle = config?.['caBundle'];
  if (caBundle === undefined || isCaBundle(caBundle)) return definition;
  return { ...definition, spec: without(definition['spec'], ['conversion', 'webhook', 'clientConfig']) };
}

function at(value: Json | undefined, [first, ...rest]: readonly string[]): JsonObject | undefined {
  if (!isJsonObject(value)) return undefined;
  return first === undefined ? value : at(value[first], rest);
}

function without(value: Json | undefined, [first, ...rest]: readonly string[]): Json {
  if (!isJsonObject(value)) return value ?? null;
  if (first !== undefined) return { ...value, [first]: without(value[first], rest) };
  const { caBundle: _bad, ...others } = value;
  return others;
}

const block = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** By the rule of the API server: base64 of PEM with at least one certificate, and none that cannot be read. */
function isCaBundle(value: Json): boolean {
  if (typeof value !== 'string' || !/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(value)) return false;
  const found = Buffer.from(value, 'base64').toString('latin1').match(block) ?? [];
  return found.length > 0 && found.every(isCertificate);
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).serialNumber !== '';
  } catch {
    return false;
  }
}
