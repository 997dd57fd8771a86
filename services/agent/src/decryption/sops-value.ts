import { createDecipheriv } from 'node:crypto';
import { FaultError } from '@meridian/runtime';

/** What SOPS noted of a value before it encrypted it (getsops/sops, aes/cipher.go). */
export type SopsType = 'str' | 'int' | 'float' | 'bool' | 'bytes' | 'time' | 'comment';

/** A value that was decrypted. `bytes` is what SOPS writes for it, whatever its type. */
export interface SopsValue {
  readonly bytes: Buffer;
  readonly type: SopsType;
}

const pattern =
  /^ENC\[AES256_GCM,data:([A-Za-z0-9+/=]*),iv:([A-Za-z0-9+/=]+),tag:([A-Za-z0-9+/=]+),type:(str|int|float|bool|bytes|time|comment)\]$/;

/** Whether a text is a value that SOPS has encrypted. */
export function isEncrypted(text: string): boolean {
  return text.startsWith('ENC[AES256_GCM,');
}

/** Whether a text is such a value as a whole, and not one that only begins like it. */
export function isWholeValue(text: string): boolean {
  return pattern.test(text);
}

/**
 * Decrypts a value. `path` is where it stood when it was encrypted, without indexes of lists: SOPS authenticates it, so that
 * a value moved elsewhere is refused. Throws FaultError `invalid` that names the path, never the value.
 */
export function decryptValue(text: string, dataKey: Buffer, path: readonly string[]): SopsValue {
  const [, data = '', iv = '', tag = '', type = 'str'] = pattern.exec(text) ?? [];
  const where = path.join('.');
  if (iv === '') throw invalid(`${where} is not a value that SOPS wrote`);
  const tagBytes = Buffer.from(tag, 'base64');
  if (tagBytes.length !== tagLength) throw invalid(`${where} has a tag of ${tagBytes.length} bytes, not 16`);
  try {
    const cipher = createDecipheriv('aes-256-gcm', dataKey, Buffer.from(iv, 'base64'), {
      authTagLength: tagLength,
    });
    cipher.setAAD(Buffer.from(`${path.join(':')}:`));
    cipher.setAuthTag(tagBytes);
    const bytes = Buffer.concat([cipher.update(Buffer.from(data, 'base64')), cipher.final()]);
    return typed(bytes, sopsTypeOf(type), where);
  } catch (error) {
    if (error instanceof FaultError) throw error;
    // What OpenSSL says helps nobody: there is one way to fail here.
    throw invalid(`${where} was changed or moved after it was encrypted`);
  }
}

/** The type is not authenticated, so anybody who can write the file may have changed it. */
function typed(bytes: Buffer, type: SopsType, where: string): SopsValue {
  const isOfType =
    (type !== 'int' && type !== 'float') || numbers[type].test(bytes.subarray(0, longestNumber).toString());
  if (!isOfType) throw invalid(`${where} is said to be of type ${type}, and is not`);
  return { bytes, type };
}

const longestNumber = 1_000;

const numbers = { int: /^[+-]?\d+$/, float: /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/ };

const tagLength = 16;

const types: readonly SopsType[] = ['str', 'int', 'float', 'bool', 'bytes', 'time', 'comment'];

const sopsTypeOf = (text: string): SopsType => types.find((type) => type === text) ?? 'str';

/** A refusal to decrypt, which stays until the commit or the keys of the agent change. */
export function invalid(message: string): FaultError {
  return new FaultError('invalid', message, { retry: 'never' });
}
