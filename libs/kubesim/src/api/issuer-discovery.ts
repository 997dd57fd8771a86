import { ApiError, methodNotAllowedError } from '../errors/api-error.ts';
import type { JsonObject } from '../json.ts';
import type { Exchange } from './exchange.ts';
import type { ServerState } from './server-state.ts';
import { issuer } from './token-issuer.ts';

const keysPath = '/openid/v1/jwks';

interface Document {
  readonly type: string;
  content(state: ServerState): JsonObject;
}

const documents: ReadonlyMap<string, Document> = new Map([
  [
    '/.well-known/openid-configuration',
    {
      type: 'application/json',
      content: ({ address }) => ({
        issuer,
        jwks_uri: `https://${address()}${keysPath}`,
        response_types_supported: ['id_token'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['ES256'],
      }),
    },
  ],
  [keysPath, { type: 'application/jwk-set+json', content: ({ tokens }) => ({ keys: [tokens.publicKey] }) }],
]);

/** Tells others how to check the tokens of service accounts. @returns whether that was asked for. Throws 405 and 406. */
export function answerIssuer(state: ServerState, exchange: Exchange): boolean {
  const document = documents.get(exchange.path);
  if (document === undefined) return false;
  if (exchange.method !== 'GET') throw methodNotAllowedError();
  const { accept = '*/*' } = exchange.request.headers;
  const takes = accept.split(',').map((clause) => clause.split(';')[0]?.trim() ?? '');
  if (![document.type, '*/*', 'application/*'].some((type) => takes.includes(type))) {
    throw new ApiError(`406: Not Acceptable\n\nAvailable representations: ${document.type}`, {
      code: 406,
      reason: 'NotAcceptable',
      details: {},
    });
  }
  exchange.answerText(200, JSON.stringify(document.content(state)), document.type);
  return true;
}
