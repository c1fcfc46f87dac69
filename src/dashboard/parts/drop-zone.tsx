// Takes a photo by drag and drop, by click or by keyboard.
import { useEffect, useState } from 'preact/hooks';
import { bytes } from '../format.ts';
import { Icon } from './icon.tsx';

export function DropZone({ file, onFile }: { file: File | undefined; onFile(file: File): void }) {
  const [over, setOver] = useState(false);
  const [preview, setPreview] = useState<string>();
  useEffect(() => {
    if (!file) return;
    const url = URL.createObjectURL(file);
    setPreview(url);
    return () => URL.revokeObjectURL(url);
  }, [file]);
  const take = (files: FileList | null | undefined) => files?.[0] && onFile(files[0]);
  return (
    <label
      class={over ? 'drop drop-over' : 'drop'}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer?.files);
      }}
    >
      <input
        type="file"
        accept="image/*"
        aria-label="Choose a photo"
        onChange={(event) => take(event.currentTarget.files)}
      />
      {file && preview ? <img src={preview} alt="" /> : <Icon name="upload" />}
      <span>{file ? `${file.name}, ${bytes(file.size)}` : 'Drop a photo here, or click to choose one.'}</span>
    </label>
  );
}
