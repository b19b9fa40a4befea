/** Errors that are sent as HTTP responses. */

/** Error that is sent as a response, with the message as the body. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  /** The HTTP status. */
  readonly status: number;
  /** Further headers. */
  readonly headers: Readonly<Record<string, string>>;

  /**
   * Creates an error.
   *
   * @param status The HTTP status.
   * @param message What is wrong, and what to do.
   * @param headers Further headers.
   */
  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}
