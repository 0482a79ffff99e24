package serve_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/go-siamese/lab/siamese"
	"github.com/go-siamese/lab/siamese/internal/labtest"
	"github.com/go-siamese/lab/siamese/internal/labtest/toymodel"
	"github.com/go-siamese/lab/siamese/serve"
)

func ExampleNew() {
	backend, err := siamese.OpenBackend("go")
	if err != nil {
		log.Fatal(err)
	}
	items := labtest.FrameOf("item", []string{"mug", "mug", "bowl"}, []float32{1, 0}, []float32{0.8, 0.6}, []float32{0, 1})
	model := toymodel.Identity(items.Columns) // siamese.Load("model.safetensors")
	server, err := serve.New(context.Background(), backend, model,
		serve.Options{Token: "sixteen letters or more", Gallery: items})
	if err != nil {
		log.Fatal(err)
	}
	// server.Run(ctx, listener) serves a port; this asks without one.
	ask := httptest.NewRequest(http.MethodPost, "/v1/score",
		strings.NewReader(`{"left": {"rows": [[1, 0]]}, "right": {"rows": [[0.8, 0.6]]}}`))
	ask.Header.Set("Authorization", "Bearer sixteen letters or more")
	answer := httptest.NewRecorder()
	server.Handler().ServeHTTP(answer, ask)
	fmt.Print(answer.Code, " ", answer.Body)
	ask.Header.Del("Authorization")
	answer = httptest.NewRecorder()
	server.Handler().ServeHTTP(answer, ask)
	fmt.Println(answer.Code, "without the token")
	// Output:
	// 200 {"cosines":[0.800000011920929],"same":[true],"threshold":0.5}
	// 401 without the token
}
