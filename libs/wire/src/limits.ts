/** Bounds of what one peer may say. Lists and names beyond them are refused; texts for people are cut. */
export const wireLimits = {
  /** Largest message on the stream, in bytes; grpc refuses a larger one before it is decoded. */
  messageBytes: 1_048_576,
  applications: 2_000,
  objects: 5_000,
  drift: 50,
  fieldsPerDrift: 20,
  rules: 20,
  messageChars: 1_000,
  reasonChars: 300,
  pathChars: 500,
  valueChars: 1_000,
  nameChars: 253,
  idChars: 128,
} as const;
