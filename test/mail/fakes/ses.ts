// A fake of SES v2's `SendEmail` (https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html). It computes the
// signature of each call again and compares it.
import { AwsV4Signer } from 'aws4fetch';
import { type Answer, decoded, type FakeProvider, isAddress, only, Refusal, readFields, startFake } from './fake.ts';

export const SES_URL = 'https://ses.test';

export function sesError(status: number, type: string, message: string, headers?: Record<string, string>) {
  return {
    status,
    headers: { 'x-amzn-errortype': `${type}:http://internal.amazon.com/`, ...headers },
    body: { message },
  } satisfies Answer;
}
const invalid = (message: string) => new Refusal(sesError(400, 'BadRequestException', message));
const forbidden = (type: string) =>
  new Refusal(sesError(403, type, 'The request signature we calculated does not match.'));

type Fields = Record<string, unknown>;

export function fakeSes(): FakeProvider {
  return startFake({
    origin: SES_URL,
    accepted: (MessageId) => ({ status: 200, body: { MessageId } }),
    async read(request) {
      await verifySignature(request.clone() as Request);
      if (request.method !== 'POST' || new URL(request.url).pathname !== '/v2/email/outbound-emails') {
        throw new Refusal(sesError(404, 'NotFoundException', 'no such operation'));
      }
      const top = ['FromEmailAddress', 'Destination', 'ReplyToAddresses', 'Content', 'EmailTags'];
      const body = await readFields(request, top, invalid);
      const destination = (body.Destination ?? {}) as Record<string, string[]>;
      only(destination, ['ToAddresses', 'CcAddresses', 'BccAddresses'], invalid);
      const { ToAddresses: to = [], CcAddresses: cc = [], BccAddresses: bcc = [] } = destination;
      const recipients = [...to, ...cc, ...bcc];
      if (recipients.length === 0 || recipients.length > 50) throw invalid('Recipient count must be 1–50.');
      if (!recipients.every(isAddress)) throw invalid('Illegal address');
      if (!/^[ -~]+$/.test(String(body.FromEmailAddress)))
        throw invalid('Local address contains control or whitespace');
      only(body.Content as Fields, ['Simple'], invalid);
      const simple = (body.Content as { Simple: Fields }).Simple;
      only(simple, ['Subject', 'Body', 'Headers', 'Attachments'], invalid);
      const parts = simple.Body as { Text?: { Data: string }; Html?: { Data: string } };
      only(parts, ['Text', 'Html'], invalid);
      const headers = (simple.Headers ?? []) as { Name: string; Value: string }[];
      if (headers.length > 15) throw invalid('too many headers');
      for (const { Name, Value } of headers) {
        if (!/^[!-9;-@A-~]{1,126}$/.test(Name) || !/^[ -~]{1,870}$/.test(Value)) throw invalid('an invalid header');
      }
      const tags = (body.EmailTags ?? []) as { Name: string; Value: string }[];
      if (!tags.every(({ Name, Value }) => /^[\w-]{1,256} [\w-]{1,256}$/.test(`${Name} ${Value}`)))
        throw invalid('a tag');
      const attachments = ((simple.Attachments ?? []) as Record<string, string>[]).map((file) => {
        const fields = ['FileName', 'RawContent', 'ContentType', 'ContentDisposition', 'ContentId'];
        only(file, [...fields, 'ContentTransferEncoding'], invalid);
        if (!['ATTACHMENT', 'INLINE'].includes(String(file.ContentDisposition))) throw invalid('ContentDisposition');
        if (file.ContentTransferEncoding !== 'BASE64') throw invalid('bytes need BASE64');
        return {
          filename: String(file.FileName),
          contentType: String(file.ContentType),
          contentId: file.ContentDisposition === 'INLINE' ? file.ContentId : undefined,
          content: decoded(file.RawContent, invalid),
        };
      });
      return {
        mail: {
          from: String(body.FromEmailAddress),
          ...{ to, cc, bcc },
          replyTo: (body.ReplyToAddresses ?? []) as string[],
          subject: (simple.Subject as { Data: string }).Data,
          text: parts.Text?.Data,
          html: parts.Html?.Data,
          headers: Object.fromEntries(headers.map(({ Name, Value }) => [Name, Value])),
          tags: Object.fromEntries(tags.map(({ Name, Value }) => [Name, Value])),
          attachments,
        },
      };
    },
  });
}

const FORM =
  /^AWS4-HMAC-SHA256 Credential=([A-Z]+)\/(\d{8})\/eu-central-1\/ses\/aws4_request, SignedHeaders=([a-z;-]+), Signature=[0-9a-f]{64}$/;

async function verifySignature(request: Request): Promise<void> {
  const authorization = request.headers.get('authorization') ?? '';
  const datetime = request.headers.get('x-amz-date') ?? '';
  const [, accessKeyId, date, signed = ''] = authorization.match(FORM) ?? [];
  if (!date || !datetime.startsWith(date)) throw forbidden('IncompleteSignatureException');
  if (accessKeyId !== 'AKIDGOOD') throw forbidden('UnrecognizedClientException');
  if (!signed.split(';').includes('host') || !signed.split(';').includes('x-amz-date')) {
    throw forbidden('IncompleteSignatureException');
  }
  const signer = new AwsV4Signer({
    method: request.method,
    url: request.url,
    body: await request.text(),
    accessKeyId: 'AKIDGOOD',
    secretAccessKey: 'secret',
    service: 'ses',
    region: 'eu-central-1',
    datetime,
  });
  if ((await signer.authHeader()) !== authorization) throw forbidden('SignatureDoesNotMatch');
}
