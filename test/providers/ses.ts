// SES: an emulator from npm, which its own author wrote from the documentation of AWS. It ignores fields that it does not know,
// so the mail that it keeps is compared with the request. (Its .eml download is not used: it encodes attachments twice.)
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import type { Asked } from '../mail/fakes/server.ts';

const { default: start } = createRequire(import.meta.url)('aws-ses-v2-local') as {
  default(config: object): Promise<Server>;
};

/** The body of SES's SendEmail. */
interface SendEmail {
  FromEmailAddress: string;
  Destination: { ToAddresses: string[]; CcAddresses?: string[]; BccAddresses?: string[] };
  ReplyToAddresses?: string[];
  Content: {
    Simple: {
      Subject: { Data: string };
      Body: { Text?: { Data: string }; Html?: { Data: string } };
      Headers?: { Name: string; Value: string }[];
      Attachments?: Record<string, string>[];
    };
  };
}

/** Starts the emulator; resolves to a function that finds everything in which the mail that arrived differs from the request. */
export async function startSes() {
  const server = await start({ host: '127.0.0.1', port: 0 });
  server.unref();
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return async ({ method, url, headers, body }: Asked): Promise<string[]> => {
    const { authorization = '', 'content-type': type = '' } = headers;
    const answer = await fetch(origin + new URL(url).pathname, {
      method,
      headers: { authorization, 'content-type': type },
      body: new Uint8Array(body),
    });
    if (answer.status !== 200) return [`refused: ${answer.status} ${await answer.text()}`];
    const { MessageId } = (await answer.json()) as { MessageId: string };
    const { emails } = (await (await fetch(`${origin}/store`)).json()) as { emails: Record<string, unknown>[] };
    const arrived = emails.find(({ messageId }) => messageId === MessageId) ?? {};
    return Object.entries(expected(JSON.parse(body.toString()) as SendEmail))
      .filter(([part, sent]) => JSON.stringify(sent) !== JSON.stringify(arrived[part]))
      .map(([part, sent]) => `${part}: sent ${JSON.stringify(sent)}, arrived ${JSON.stringify(arrived[part])}`);
  };
}

/** The mail as the emulator keeps it. */
function expected({ FromEmailAddress, Destination, ReplyToAddresses = [], Content }: SendEmail) {
  const { ToAddresses, CcAddresses = [], BccAddresses = [] } = Destination;
  const { Subject, Body, Headers, Attachments = [] } = Content.Simple;
  return {
    from: FromEmailAddress,
    replyTo: ReplyToAddresses,
    destination: { to: ToAddresses, cc: CcAddresses, bcc: BccAddresses },
    subject: Subject.Data,
    body: { html: Body.Html?.Data, text: Body.Text?.Data },
    headers: Headers?.map(({ Name, Value }) => ({ name: Name, value: Value })),
    attachments: Attachments.map((file) => ({
      content: file.RawContent,
      contentType: file.ContentType,
      contentDisposition: file.ContentDisposition,
      contentId: file.ContentId,
      filename: file.FileName,
      size: Buffer.from(file.RawContent ?? '', 'base64').length,
    })),
  };
}
