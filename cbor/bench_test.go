package cbor

import "testing"

// BenchmarkUnmarshal reads a message of the size of a call.
func BenchmarkUnmarshal(b *testing.B) {
	inner := AppendMap(nil, 3)
	inner = AppendBytes(AppendText(inner, "b"), make([]byte, 1_500))
	inner = AppendUint(AppendText(inner, "n"), 1_685_570_400_000_000_000)
	inner = AppendText(AppendText(inner, "t"), "prepare_delegation")
	message := AppendMap(AppendTag(nil), 3)
	message = append(AppendText(message, "i"), inner...)
	message = AppendBytes(AppendText(message, "b"), make([]byte, 91))
	message = AppendBytes(AppendText(message, "s"), make([]byte, 64))

	b.Run("whole", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := Unmarshal(message, new(sample)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("search for bignums", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			plainNumbers(message[len(selfDescribe):])
		}
	})
}
