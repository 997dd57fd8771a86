/** One block of PEM text. */
export interface PemBlock {
  readonly type: string;
  readonly hasHeaders: boolean;
  readonly bytes: Buffer;
}

const block =
  /(?:^|\n)-----BEGIN ([^\n]*?)-----[ \t\r]*\n((?:[^\n:-][^\n:]*:[^\n]*\n)*)([A-Za-z0-9+/=\s]*?)-----END \1-----/g;

/** The blocks of PEM text, given in base64 as objects hold it. What stands between them is passed over, as Go does. */
export function pemBlocks(base64: string): PemBlock[] {
  const text = Buffer.from(base64, 'base64').toString('latin1');
  return [...text.matchAll(block)].map(([, type = '', headers = '', body = '']) => ({
    type,
    hasHeaders: headers !== '',
    bytes: Buffer.from(body, 'base64'),
  }));
}
